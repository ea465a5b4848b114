import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useApp } from "../../context";
import { DeskFrame, NotLoaded, useDesk } from "./desk-frame";
import { useDeskWords } from "./words";

/** Where the QR code on a machine leads: to the page of the machine, for those who may see it. */
export default function LabelPage({ label }: { label: string }) {
  const words = useDeskWords();
  return (
    <DeskFrame title={words.label}>
      <Find label={label.toLowerCase()} />
    </DeskFrame>
  );
}

function Find({ label }: { label: string }) {
  const { desk } = useDesk();
  const { router } = useApp();
  const query = useQuery({ queryKey: ["label", label], queryFn: () => desk.byLabel(label) });
  const id = query.data?.id;
  useEffect(() => {
    if (id !== undefined) router.replace(`/machines/${id}`);
  }, [id, router]);
  return query.isError ? <NotLoaded cause={query.error} retry={() => void query.refetch()} /> : null;
}
