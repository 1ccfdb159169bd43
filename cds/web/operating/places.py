"""Where the files beside the decision log lie."""

from pathlib import Path

from sqlalchemy.engine import make_url

from cds.errors import StoreError, UsageError, system_name
from cds.web.settings import StoreSettings

SPOOL_NAME = "decisions.spool"


def spool_path(settings: StoreSettings) -> Path:
    """Where entries wait: as configured, else beside an SQLite log, else in the working folder.

    Raises:
        UsageError: the URL of the log is none.
    """
    if settings.spool:
        return Path(settings.spool)
    try:
        url = make_url(settings.url)
    except Exception as error:  # SQLAlchemy has one class per fault of a URL
        raise UsageError(
            "[store] url", "is not a database URL.", "Such as sqlite:////var/lib/…"
        ) from error
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(f"{url.database}.spool")
    return Path(SPOOL_NAME)


def shared_log(settings: StoreSettings) -> bool:
    """Whether other hosts may write the same log."""
    return not settings.url.startswith("sqlite")


def make_folder(url: str) -> None:
    """The folder of an SQLite log, for its owner alone, where there is none."""
    path = make_url(url)
    if path.get_backend_name() == "sqlite" and path.database:
        try:
            Path(path.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            problem = f"its folder cannot be created: {error.strerror}."
            raise StoreError("decision log", problem, kind=system_name(error)) from error
