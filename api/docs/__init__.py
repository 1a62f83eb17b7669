"""The generated documents: made from what the program runs on, so that they cannot say something else."""

from __future__ import annotations

from pathlib import Path

from api.docs.api_page import openapi_page
from api.docs.declared import flows
from api.docs.error_page import errors_page
from api.docs.flow_page import flow_page
from api.docs.settings_page import env_example, settings_page

FLOWS = Path("docs/flows")


class NoCheckout(RuntimeError):
    """The documents belong to a checkout of the project; an installed wheel has no place for them."""


def root() -> Path:
    """The project's root, where `docs/` lies. NoCheckout when there is none, as in an installed wheel."""
    found = Path(__file__).resolve().parents[2]
    if not ((found / "pyproject.toml").is_file() and (found / "docs").is_dir()):
        raise NoCheckout("文档只能在项目的源代码目录里生成；安装好的程序不带源代码。")
    return found


def generated() -> dict[Path, str]:
    """Every generated file by its path from the root. Depends on nothing but the code: the same code gives the same text."""
    pages = {FLOWS / f"{flow.name}.md": flow_page(flow, module) for module, flow in flows()}
    return {
        Path("docs/openapi.json"): openapi_page(),
        **pages,
        Path("docs/errors.md"): errors_page(),
        Path("docs/settings.md"): settings_page(),
        Path(".env.example"): env_example(),
    }


def stale(folder: Path) -> list[Path]:
    """Generated files below `folder` that are missing, outdated, or pages of a state machine that is gone."""
    wanted = generated()
    outdated = [path for path, text in wanted.items() if not (folder / path).is_file() or (folder / path).read_text("utf-8") != text]
    return outdated + [path for path in _pages_of_flows(folder) if path not in wanted]


def write(folder: Path) -> list[Path]:
    """Bring the generated files below `folder` up to date; returns those that changed."""
    wanted, changed = generated(), stale(folder)
    for path in changed:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], "utf-8")
        else:
            (folder / path).unlink()
    return changed


def _pages_of_flows(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in (folder / FLOWS).glob("*.md"))
