/** Requests and their types as docs/api.md has them. */

export type RequestState =
  "draft" | "submitted" | "taken" | "needs_information" | "decided" | "done" | "withdrawn" | "reopened";

export type Outcome = "approved" | "rejected" | "answered";

export type Action =
  | "submit"
  | "take"
  | "ask"
  | "provide"
  | "approve_step"
  | "approve"
  | "reject"
  | "answer"
  | "finish"
  | "withdraw"
  | "reopen"
  | "offer"
  | "accept"
  | "decline"
  | "retract"
  | "escalate";

export type Scope = "mine" | "company" | "owned" | "offered" | "asked" | "desk";

/** A text of the park, in both languages. */
export interface Phrase {
  readonly zh: string;
  readonly en: string;
}

export interface Name {
  readonly id: string;
  readonly name: string;
}

export interface TypeBrief {
  readonly id: string;
  readonly key: string;
  readonly version: number;
  readonly name: Phrase;
}

// ------------------------------------------------------------ definitions

export interface Condition {
  readonly field: string;
  readonly is_any: readonly string[];
}

interface FieldBase {
  readonly id: string;
  readonly label: Phrase;
  readonly hint?: Phrase;
  readonly required?: boolean;
  readonly show_if?: Condition | null;
}

export interface Choice {
  readonly id: string;
  readonly label: Phrase;
}

export type ColumnKind = "text" | "number" | "date";

export interface Column {
  readonly id: string;
  readonly label: Phrase;
  readonly kind?: ColumnKind;
  readonly required?: boolean;
}

export type PersonPart = "phone" | "id_card" | "from_place";

export interface TextField extends FieldBase {
  readonly kind: "text";
  readonly lines?: boolean;
  readonly max_chars?: number;
}
export interface NumberField extends FieldBase {
  readonly kind: "number";
  readonly unit?: Phrase;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly whole?: boolean;
}
export interface ChoiceField extends FieldBase {
  readonly kind: "choice";
  readonly choices: readonly Choice[];
  readonly many?: boolean;
}
export interface DateField extends FieldBase {
  readonly kind: "date";
  readonly time?: boolean;
  readonly earliest?: number | null;
  readonly latest?: number | null;
}
export interface PeopleField extends FieldBase {
  readonly kind: "people";
  readonly parts?: readonly PersonPart[];
  readonly max_people?: number;
}
export interface TableField extends FieldBase {
  readonly kind: "table";
  readonly columns: readonly Column[];
  readonly max_rows?: number;
}
export interface FileField extends FieldBase {
  readonly kind: "file";
  readonly max_files?: number;
}
export interface AddressField extends FieldBase {
  readonly kind: "address";
}

export type Field =
  TextField | NumberField | ChoiceField | DateField | PeopleField | TableField | FileField | AddressField;
export type FieldKind = Field["kind"];

export type RequestClock =
  | { readonly kind: "minutes"; readonly minutes: number; readonly around_the_clock?: boolean }
  | { readonly kind: "same_day"; readonly before?: string; readonly filed_by?: string }
  | { readonly kind: "working_days"; readonly days: number };

export type Asked =
  | { readonly kind: "officers" }
  | { readonly kind: "service_officer" }
  | { readonly kind: "group"; readonly group: string };
export type Reviewer =
  | { readonly kind: "owner" }
  | { readonly kind: "administrators" }
  | { readonly kind: "group"; readonly group: string };
export type EscalatedTo = Asked | { readonly kind: "administrators" };

export interface ReviewStep {
  readonly id: string;
  readonly name: Phrase;
  readonly by: Reviewer;
}

export interface RequiredDocument {
  readonly id: string;
  readonly name: Phrase;
  readonly hint?: Phrase;
  readonly required?: boolean;
  readonly show_if?: Condition | null;
}

export interface ReplyTemplate {
  readonly id: string;
  readonly name: Phrase;
  readonly text: Phrase;
  readonly outcome?: Outcome | null;
}

export interface Escalation {
  readonly after_minutes: number;
  readonly to: EscalatedTo;
}

export type OrganizationKind = "park" | "enterprise" | "institution" | "installer";
export type MemberRole = "administrator" | "officer" | "member";
export type Audience = "requester" | "company_officers" | "company";

export interface Definition {
  readonly name: Phrase;
  readonly summary: Phrase;
  readonly code: string;
  readonly filers?: { readonly kinds?: readonly OrganizationKind[]; readonly roles?: readonly MemberRole[] };
  readonly asked: Asked;
  readonly clock: RequestClock;
  readonly fields: readonly Field[];
  readonly title_field?: string;
  readonly steps: readonly ReviewStep[];
  readonly outcomes?: readonly Outcome[];
  readonly finish?: "at_once" | "by_owner";
  readonly documents?: readonly RequiredDocument[];
  readonly replies?: readonly ReplyTemplate[];
  readonly escalations?: readonly Escalation[];
  readonly audience?: Audience;
  readonly confidential?: boolean;
  readonly keep_days?: number;
}

export interface RequestType {
  readonly id: string;
  readonly key: string;
  /** 0: never published. */
  readonly version: number;
  readonly definition: Definition | null;
  readonly retired: boolean;
  readonly shipped: boolean;
  readonly may_file: boolean;
  readonly draft: Definition | null;
  readonly draft_revision: number;
  readonly changed_at_ms: number;
}

// ------------------------------------------------------------ answers

export interface Person {
  readonly name: string;
  readonly phone?: string;
  readonly id_card?: string;
  readonly from_place?: string;
}

export interface Address {
  readonly region?: string;
  readonly detail?: string;
}

export type TableRow = Readonly<Record<string, string>>;
export type Answer =
  string | number | readonly string[] | readonly Person[] | readonly TableRow[] | Address | null;
export type Answers = Readonly<Record<string, Answer>>;

// ------------------------------------------------------------ requests

export interface RequestView {
  readonly id: string;
  readonly number: string;
  readonly type: TypeBrief;
  readonly title: string;
  readonly organization: Name;
  readonly requester: Name;
  readonly state: RequestState;
  readonly outcome: Outcome | null;
  readonly step: number;
  readonly steps: number;
  readonly owner: Name | null;
  readonly offered_to: Name | null;
  readonly escalations: number;
  readonly escalated_to: string;
  readonly late: boolean;
  /** 0: no clock runs. */
  readonly due_at_ms: number;
  /** Of working time, while the clock stands. */
  readonly left_ms: number;
  readonly revision: number;
  readonly created_at_ms: number;
  readonly submitted_at_ms: number;
  readonly taken_at_ms: number;
  readonly decided_at_ms: number;
  readonly changed_at_ms: number;
  readonly actions: readonly Action[];
  /** Whoever asks stands on the park's side of it. */
  readonly internal: boolean;
}

export interface RequestEvent {
  readonly number: number;
  readonly action: Action;
  readonly state: RequestState;
  /** "": the clock. */
  readonly name: string;
  readonly note: string;
  readonly outcome: Outcome | null;
  readonly step: number;
  readonly to: Name | null;
  readonly escalated_to: string;
  readonly due_at_ms: number;
  readonly former: Answers;
  readonly at_ms: number;
}

export interface RequestComment {
  readonly key: string;
  readonly internal: boolean;
  readonly text: string;
  readonly name: string;
  readonly mine: boolean;
  readonly at_ms: number;
}

export interface RequestFile {
  readonly key: string;
  readonly url: string;
  readonly field_id: string;
  readonly document_id: string;
  readonly internal: boolean;
  readonly file_name: string;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly name: string;
  readonly mine: boolean;
  readonly stored_at_ms: number;
}

export interface DocumentCheck {
  readonly document_id: string;
  readonly accepted: boolean;
  readonly note: string;
  readonly name: string;
  readonly at_ms: number;
}

export interface RequestCard {
  readonly request: RequestView;
  readonly definition: Definition;
  readonly answers: Answers;
  readonly events: readonly RequestEvent[];
  readonly comments: readonly RequestComment[];
  readonly files: readonly RequestFile[];
  readonly checks: readonly DocumentCheck[];
  readonly server_time_ms: number;
}

export interface RequestPage {
  readonly requests: readonly RequestView[];
  readonly more: boolean;
  readonly server_time_ms: number;
}

export interface Lane {
  readonly count: number;
  readonly requests: readonly RequestView[];
}

export type LaneName = "late" | "soon" | "later" | "waiting";

export interface Board extends Readonly<Record<LaneName, Lane>> {
  readonly counts: Readonly<
    Record<"late" | "soon" | "later" | "waiting" | "unowned" | "escalated" | "mine", number>
  >;
  readonly types: readonly TypeBrief[];
  readonly soon_ms: number;
  readonly server_time_ms: number;
}

export type BatchAction = "take" | "approve" | "reject" | "answer" | "finish";

export interface BatchItem {
  readonly request_id: string;
  readonly result: "waiting" | "done" | "refused";
  readonly code: string;
}

export interface Batch {
  readonly key: string;
  readonly action: BatchAction;
  readonly total: number;
  readonly done: number;
  readonly refused: number;
  readonly created_at_ms: number;
  /** 0: under way. */
  readonly finished_at_ms: number;
  readonly items: readonly BatchItem[];
}

export interface TypeCount {
  readonly type_id: string;
  readonly filed: number;
  readonly open: number;
  readonly approved: number;
  readonly rejected: number;
  readonly answered: number;
  readonly withdrawn: number;
  readonly in_time: number;
  readonly late: number;
  /** Means from filing; 0: none was. */
  readonly take_ms: number;
  readonly decide_ms: number;
}

export interface Statistics {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly types: readonly TypeCount[];
  readonly names: readonly TypeBrief[];
  readonly days: readonly { readonly day: number; readonly filed: number; readonly decided: number }[];
  readonly hour_edges: readonly number[];
  readonly hours: readonly number[];
  readonly companies: readonly { readonly id: string; readonly name: string; readonly filed: number }[];
}

export interface Group {
  readonly key: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly members: readonly Name[];
}

export interface Tried {
  readonly definition_faults: Readonly<Record<string, string>>;
  readonly answer_faults: Readonly<Record<string, string>>;
  readonly answers: Answers;
  readonly due_at_ms: number;
}

export interface TypeVersion {
  readonly version: number;
  readonly name: string;
  readonly made_at_ms: number;
}
