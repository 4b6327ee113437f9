"""Limits on guessing passwords and making accounts, by address."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView


class AddressThrottle(SimpleRateThrottle):
    """Counts requests of an address. Never asks who the user is: a wrong password must count too."""

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class SignUpThrottle(AddressThrottle):
    """Generous: a whole course behind one address may sign up."""

    scope = "sign-up"


class SignInThrottle(AddressThrottle):
    """Enough for people and programs, too little for guessing."""

    scope = "sign-in"


class UploadThrottle(UserRateThrottle):
    """For each person: every file is written to disk and read through."""

    scope = "upload"


class ThrottledFirst(APIView):
    """Counts a request before looking at its password."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        for throttle in self.get_throttles():
            if not throttle.allow_request(request, self):
                self.throttled(request, throttle.wait() or 0)
        super().initial(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        """Done already."""
