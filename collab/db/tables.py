"""All tables in one metadata, for migrations: importing the models registers them."""

from __future__ import annotations

from collab.accounts import models as accounts
from collab.announcements import models as announcements
from collab.assist import models as assist
from collab.audit import models as audit
from collab.broadcasts import models as broadcasts
from collab.calls import models as calls
from collab.directory import models as directory
from collab.files import models as files
from collab.health import models as health
from collab.imports import models as imports
from collab.ingest import models as ingest
from collab.instructions import models as instructions
from collab.livestream import models as livestream
from collab.mail import models as mail
from collab.meetings import models as meetings
from collab.notices import models as notices
from collab.officers import models as officers
from collab.oidc import models as oidc
from collab.organizations import models as organizations
from collab.patrols import models as patrols
from collab.personal import models as personal
from collab.policies import models as policies
from collab.recordings import models as recordings
from collab.requests import models as requests
from collab.restream import models as restream
from collab.schedule import models as schedule
from collab.symposiums import models as symposiums
from collab.tokens import models as tokens
from collab.webhooks import models as webhooks

from .base import Base

ALL_MODELS = (
    organizations,
    accounts,
    meetings,
    files,
    assist,
    instructions,
    mail,
    notices,
    broadcasts,
    calls,
    schedule,
    requests,
    recordings,
    directory,
    patrols,
    officers,
    livestream,
    ingest,
    restream,
    announcements,
    health,
    policies,
    symposiums,
    audit,
    imports,
    tokens,
    webhooks,
    oidc,
    personal,
)
metadata = Base.metadata
