import type { DocumentRegion } from "../../../protocol.gen";
import type { Documents } from "../../../state/assist/documents";
import { useSelected } from "../../context";
import { useDocumentWords } from "./words";

/** "Manual p. 12" */
export function RegionName({ documents, region }: { documents: Documents; region: DocumentRegion }) {
  const title = useSelected(
    documents.list,
    (list) => list?.find((document) => document.id === region.document_id)?.title ?? "",
  );
  return <span>{useDocumentWords().linked({ title, page: region.page })}</span>;
}
