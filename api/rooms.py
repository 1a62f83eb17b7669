"""Which rooms have doors to the outside: every routes module of the product."""

from __future__ import annotations

from api import routes_admin, routes_open
from api.development import routes_open as development_open
from api.settings import Settings
from core.http.routes import Routes
from express import routes_citizen as parcels_citizen
from express import routes_clerk as parcels_clerk
from express import routes_courier as parcels_courier
from express import routes_open as parcels_open
from hall.appointments import routes_citizen as appointments_citizen
from hall.appointments import routes_clerk as appointments_clerk
from hall.cases import routes_citizen as cases_citizen
from hall.cases import routes_clerk as cases_clerk
from hall.cases import routes_supervisor as cases_supervisor
from hall.catalog import routes_admin as catalog_admin
from hall.catalog import routes_open as catalog_open
from hall.feedback import routes_citizen as feedback_citizen
from hall.feedback import routes_clerk as feedback_clerk
from hall.feedback import routes_open as feedback_open
from hall.licences import routes_citizen as licences_citizen
from hall.licences import routes_clerk as licences_clerk
from hall.licences import routes_open as licences_open
from hall.notices import routes_citizen as notices_citizen
from identity.accounts import routes_admin as accounts_admin
from identity.accounts import routes_citizen as accounts_citizen
from identity.accounts import routes_clerk as accounts_clerk
from identity.accounts import routes_courier as accounts_courier
from identity.accounts import routes_enterprise as accounts_enterprise
from identity.accounts import routes_open as accounts_open
from identity.accounts import routes_supervisor as accounts_supervisor
from identity.audit_images import routes_citizen as audit_images_citizen
from identity.audit_images import routes_supervisor as audit_images_supervisor
from identity.guardians import routes_citizen as guardians_citizen
from identity.guardians import routes_clerk as guardians_clerk
from identity.liveness import routes_citizen as liveness_citizen
from identity.liveness import routes_clerk as liveness_clerk
from identity.liveness import routes_open as liveness_open
from identity.parity import routes_supervisor as parity_supervisor
from identity.relying_parties import routes_admin as relying_parties_admin
from identity.relying_parties import routes_citizen as relying_parties_citizen
from identity.relying_parties import routes_enterprise as relying_parties_enterprise
from identity.relying_parties import routes_relying_party
from identity.ukeys import routes_citizen as ukeys_citizen
from identity.video_checks import routes_citizen as video_citizen
from identity.video_checks import routes_clerk as video_clerk
from wechat import routes_open as wechat_open

MODULES = (
    routes_admin,
    accounts_open, accounts_citizen, accounts_clerk, accounts_courier, accounts_admin, accounts_supervisor, accounts_enterprise,
    liveness_open, liveness_citizen, liveness_clerk, parity_supervisor,
    audit_images_citizen, audit_images_supervisor, guardians_citizen, guardians_clerk, ukeys_citizen, video_citizen, video_clerk,
    relying_parties_admin, relying_parties_citizen, relying_parties_enterprise, routes_relying_party,
    catalog_open, catalog_admin, cases_citizen, cases_clerk, cases_supervisor, licences_open, licences_citizen, licences_clerk,
    appointments_citizen, appointments_clerk, feedback_open, feedback_citizen, feedback_clerk, notices_citizen,
    parcels_citizen, parcels_clerk, parcels_courier, parcels_open, wechat_open,
)  # fmt: skip


def all_routes(settings: Settings) -> list[Routes]:
    """Every room's routes; the local timestamp service and the choice of who to be only in development."""
    found = [module.routes for module in MODULES]
    if not settings.is_production:
        found += [routes_open.routes, development_open.routes]
    return found
