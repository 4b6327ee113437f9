"""The two services a site needs, embedded: both listen on a unix socket in a private folder and on nothing else.

Each function starts a child of this process, which ends with it, even on kill -9. Call them from the main thread.
"""

from farfield_local.services.base import Service
from farfield_local.services.postgres import start_postgres
from farfield_local.services.redis import start_redis

__all__ = ["Service", "start_postgres", "start_redis"]
