"""The values of the site's configuration: what `serve` and the commands beside it are told."""

from dataclasses import dataclass, field
from decimal import Decimal

from cds.web.validate_settings import ValidateSettings


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the service listens, and the address that the world knows (never the Host header).

    `form_url`: another SMART app that shows the form. Without it, cards link to our own where
    [form] is enabled and the client has a `smart_client_id`; else they propose a task and no link.
    `trusted_proxies`: addresses or networks whose X-Forwarded-For is believed.
    """

    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    metrics_port: int = 9090
    docs: bool = False
    form_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """What a client's token must be like."""

    required: bool = True
    algorithms: tuple[str, ...] = ("ES384", "RS384")
    max_lifetime_s: int = 300


# Where the answers of a client's patients are: in the EHR; with us, as our form and $assess decided
# on them; in both; or in the EHR and not to be had there.
RESPONSE_SOURCES = ("ehr", "own", "both", "unsearchable")
# What the suggestions of our cards create.
CREATABLE = ("RiskAssessment", "CommunicationRequest", "Task", "ServiceRequest")


@dataclass(frozen=True, slots=True)
class Client:
    """One EHR tenant. `fhir_base` is the only place where a token of this client is ever sent.

    `allow_private` lets `fhir_base` resolve to an address of a private network. `jwks_url` may be
    several addresses. `max_lifetime_s` of its tokens; 0: as [auth] says. `responses` says where
    answers are looked for (one of RESPONSES), `creates` what its FHIR API can create, and `forms`
    which address of its own stands for which canonical of ours.

    `language`: of its cards, one of [cards] languages; empty: as the patient, then the call, asks.

    `smart_…`: how the form is registered there as a SMART app; `smart_auth` is public, secret or
    private_key_jwt, and the secret or the private key (a JWK) is in a file.
    """

    name: str
    iss: str = ""
    jwks_url: str | tuple[str, ...] = ""
    jwks_file: str = ""
    fhir_base: str = ""
    tenant: str = ""
    allow_private: bool = False
    max_lifetime_s: int = 0
    responses: str = "ehr"
    creates: tuple[str, ...] = CREATABLE
    forms: dict[str, str] = field(default_factory=dict, hash=False)
    language: str = ""
    smart_client_id: str = ""
    smart_auth: str = "public"
    smart_scopes: str = ""
    smart_secret_file: str = ""
    smart_key_file: str = ""

    @property
    def key_addresses(self) -> tuple[str, ...]:
        """Where its keys may be fetched, and what a token may name as `jku`."""
        given = (self.jwks_url,) if isinstance(self.jwks_url, str) else self.jwks_url
        return tuple(filter(None, given))

    def may_name(self, jku: object) -> bool:
        """Whether a token may name this place of its keys: nothing is fetched because of it.

        Where only pinned keys count, whatever it names makes no difference.
        """
        pinned = bool(self.jwks_file) and not self.key_addresses
        return pinned or jku in self.key_addresses


@dataclass(frozen=True, slots=True)
class CorsSettings:
    """The browser origins that may read answers, compared whole; `:*` at the end is any port."""

    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The decision log. `on_failure`: spool (answer, and keep the record aside) or refuse (503).

    Without `url`: an SQLite file in the state folder of the account (`config.load` fills it in).

    `spool` is the file that entries wait in; without it, one beside an SQLite log.
    """

    enabled: bool = True
    url: str = ""
    on_failure: str = "spool"
    spool: str = ""


@dataclass(frozen=True, slots=True)
class LabLimit:
    """A site's own limits for one analyte in one unit, with the text that they are taken from."""

    analyte: str
    unit: str
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the site decides about the knowledge. `options` are the packs' own switches, by name.

    `answers_valid_hours`: how long answers are acted on in the hooks; 0: as the pack says.
    """

    communicate_urgent: bool = False
    recipient: str = ""
    answers_valid_hours: int = 0
    options: dict[str, bool] = field(default_factory=dict)
    lab: tuple[LabLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class CardSettings:
    """What is answered where nothing can be said: `card` (200 with a card) or `412`.

    `languages`: those that every reader of cards at this site reads; the first is its own.
    """

    not_assessed: str = "card"
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How much one request, one client and one EHR may cost.

    `body_bytes_in_flight`: of all requests that are not answered yet. `store_ms`: all calls of the
    decision log for one request together. `form_store_ms`: each look at a session of the form, for
    which a person waits.
    """

    body_bytes: int = 4_194_304
    body_bytes_in_flight: int = 67_108_864
    store_ms: int = 120
    form_store_ms: int = 1000
    requests_per_minute: int = 600
    ehr_budget_ms: int = 350


@dataclass(frozen=True, slots=True)
class FormSettings:
    """The form. `languages`: those that are offered, the first is the site's own.

    `emergency_number`: whom an alarm tells to call; without it, "the local emergency number".
    `frame_ancestors`: the origins whose pages may show the form in a frame.
    """

    enabled: bool = False
    emergency_number: str = ""
    languages: tuple[str, ...] = ("en",)
    frame_ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """All of it. `demo`: loopback, no tokens, a log in a temporary folder."""

    server: ServerSettings = field(default_factory=ServerSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    clients: tuple[Client, ...] = ()
    cors: CorsSettings = field(default_factory=CorsSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    site: SiteSettings = field(default_factory=SiteSettings)
    cards: CardSettings = field(default_factory=CardSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    validate: ValidateSettings = field(default_factory=ValidateSettings)
    form: FormSettings = field(default_factory=FormSettings)
    demo: bool = False

    @property
    def public_url(self) -> str:
        """The address that `aud` is compared with; without one, where the service listens."""
        return self.server.public_url.rstrip("/") or self.local_url

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that the site lists, for cards or for the form."""
        return tuple(dict.fromkeys((*self.cards.languages, *self.form.languages)))

    def form_url(self, client: Client) -> str:
        """The SMART app that a client's cards link to: the site's own, or our form; else none."""
        ours = self.form.enabled and bool(client.smart_client_id)
        return self.server.form_url or (f"{self.public_url}/smart/launch" if ours else "")

    @property
    def local_url(self) -> str:
        """Where the service listens."""
        host = f"[{self.server.host}]" if ":" in self.server.host else self.server.host
        return f"http://{host}:{self.server.port}"
