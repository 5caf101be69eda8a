"""What boto3 raises, said so that somebody can act on it. Codes are told, its messages never."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as NoConnection

from confere.errors import (
    BadValue,
    ConfereError,
    CopyPlaceProblem,
    CopyUnderway,
    DamagedCopy,
    MissingCopy,
    NoSuchThing,
)

#: The answer broke off, or never came: worth trying again.
BROKEN_OFF = (HTTPClientError, IncompleteReadError, NoConnection)

_WHO = (
    "Say who you are as for any S3 program: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile "
    "of ~/.aws with AWS_PROFILE."
)
_REACH = (
    "Nothing is lost; the same command goes on where it stopped. Check the network, and "
    "AWS_ENDPOINT_URL_S3 when the store is not Amazon's."
)
_RIGHTS = (
    "Whoever keeps the bucket must allow these keys to list it (with versions and unfinished uploads), "
    "and to get, put and delete objects (with their versions) under this prefix."
)
_UNKNOWN_KEYS = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidToken",
    "TokenRefreshRequired",
    "AuthFailure",
}
_FORBIDDEN = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "403", "Forbidden"}
_ELSEWHERE = {
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "301",
    "IllegalLocationConstraint",
}
_OUTRUN = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload"}


def code_of(error: ClientError) -> str:
    """The store's code for what it refuses."""
    return str(error.response.get("Error", {}).get("Code", "?"))


def problem_of(
    error: BotoCoreError | ClientError, where: str, bucket: str, name: str
) -> ConfereError:
    """Return the error of ours for one of boto3's; ``name`` is the file it was about, if any."""
    if isinstance(error, ClientError):
        return _answer(code_of(error), where, bucket, name)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return CopyPlaceProblem(where, "no complete credentials were found", _WHO)
    if isinstance(error, ParamValidationError):
        return BadValue(f"{where} is not a place in an object store", "It is s3://BUCKET/PREFIX.")
    if isinstance(error, FlexibleChecksumError):
        return DamagedCopy(name, "is altered: it does not have the checksum that the store keeps")
    if isinstance(error, BROKEN_OFF):
        return CopyPlaceProblem(where, f"it cannot be reached ({type(error).__name__})", _REACH)
    return CopyPlaceProblem(where, f"it cannot be used ({type(error).__name__})", _WHO)


def _answer(code: str, where: str, bucket: str, name: str) -> ConfereError:
    if code == "NoSuchBucket":
        hint = "Make it first, or check the name and AWS_ENDPOINT_URL_S3."
        return NoSuchThing("bucket", bucket, hint)
    if code in ("NoSuchKey", "404"):
        return MissingCopy(name)
    if code == "InvalidBucketName":
        return BadValue(f"'{bucket}' cannot be the name of a bucket", "It is s3://BUCKET/PREFIX.")
    if code in _UNKNOWN_KEYS:
        return CopyPlaceProblem(where, f"the store does not accept the credentials ({code})", _WHO)
    if code in _FORBIDDEN:
        detail = f"access to {name} is denied" if name else "access is denied"
        return CopyPlaceProblem(where, detail, _RIGHTS)
    if code in _ELSEWHERE:
        return CopyPlaceProblem(
            where, "the bucket is in another region", "Set AWS_REGION to its own."
        )
    if code in _OUTRUN:
        return CopyUnderway(where)
    if code == "InvalidObjectState":
        return CopyPlaceProblem(
            where,
            f"{name} is archived and cannot be read now",
            "Bring it back from the archive with the store's own tools, then run the same command again.",
        )
    return CopyPlaceProblem(where, f"the store refused ({code})", _REACH)
