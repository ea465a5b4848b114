"""Why something that names a person is not deleted with them."""

from __future__ import annotations

from typing import Final

OURS: Final = "work of the organization; who made it is a pseudonym then"
OTHERS_NEED: Final = "the other party's record of what was agreed; under a pseudonym"
EVIDENCE: Final = "a record that may be asked for in law; under a pseudonym"
SIGNED: Final = "a signed report must stay as it was signed: its seal covers every byte"
BY_NAME: Final = "the row has a name and no account; it is changed where no namesake has an account"
LOG_STAYS: Final = "the audit log is never changed; its readers see the pseudonym, and lines go when their time is over"
FILED: Final = "answers of a request that was filed are the company's; they go when the type says so"
