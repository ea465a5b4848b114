import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { Templates, type WrittenTemplate } from "../../../state/assist/templates";
import { useApp } from "../../context";
import { DeskFrame, NotLoaded, useDesk } from "../desk/desk-frame";
import { EditorView } from "./editor-view";
import { useInstructionWords } from "./words";

const NEW = "new";

/** One work instruction being written, or looked at by those who may not change it. */
export default function InstructionPage({ id }: { id: string }) {
  const words = useInstructionWords();
  // What is written here for the first time gets an address of its own; the editor goes on with what it can undo.
  const [born, setBorn] = useState("");
  return (
    <DeskFrame title={id === NEW ? words.newTitle : words.title}>
      <Loaded key={id === born ? NEW : id} id={id} onBorn={setBorn} />
    </DeskFrame>
  );
}

function Loaded({ id, onBorn }: { id: string; onBorn: (id: string) => void }) {
  const { api, router } = useApp();
  const { me } = useDesk();
  const client = useQueryClient();
  const templates = useMemo(() => new Templates(api), [api]);
  const [hasBegun] = useState(() => id === NEW);
  const query = useQuery({
    queryKey: ["template", id],
    queryFn: () => templates.show(id),
    enabled: !hasBegun,
    staleTime: Infinity, // what was begun with stays; saving finds out about others
    refetchInterval: false,
  });
  const onWritten = (template: WrittenTemplate) => {
    client.setQueryData(["template", template.id], template);
    if (id !== NEW) return;
    flushSync(() => onBorn(template.id));
    router.replace(`/assist/instructions/${template.id}`);
  };
  if (query.isError) return <NotLoaded cause={query.error} retry={() => void query.refetch()} />;
  if (!hasBegun && !query.isSuccess) return null;
  return (
    <EditorView
      base={query.data ?? null}
      templates={templates}
      organizations={me.memberships.map(({ organization }) => organization)}
      onWritten={onWritten}
    />
  );
}
