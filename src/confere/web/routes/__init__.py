"""What the front answers under ``/api/`` and ``/sound/``: each module validates, asks the keeper, answers.

A module has ``ROUTES``, and stands in the list below. In a route, `asked` gives the session and the
JSON that was sent.
"""

from __future__ import annotations

from starlette.routing import Route

from confere.web.routes import lead, recordings, signing_in, sound

ROUTES: list[Route] = [*signing_in.ROUTES, *recordings.ROUTES, *lead.ROUTES, *sound.ROUTES]
