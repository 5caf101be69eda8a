"""X.509 for the page on a local network: an authority of the study's own, and certificates under it.

The authority is installed on phones and laptops, so its certificate itself keeps small what it could be
misused for: critical **name constraints** (RFC 5280, 4.2.1.10) let it speak for private addresses, for
names that exist only in local networks, and for those it was made for, and its purpose is servers alone.
Whoever steals it can neither pretend to be a bank nor sign programs. ECDSA with P-256, because browsers take
no Ed25519.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from confere.errors import BadInput

AUTHORITY_DAYS = 3650  # ten years: to install it again on every phone is a day's work
#: What Apple allows for a certificate under an authority that somebody installed is 825.
SERVER_DAYS = 397
#: Clocks of a field team differ.
_EARLIER = timedelta(days=2)

#: Private and link-local addresses and loopback (RFC 1918, 4193, 3927, 4291), carrier-grade NAT (RFC 6598).
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
#: Names that no public server bears (RFC 6762, 8375, 6761; ICANN keeps ``internal``), and what routers use.
PRIVATE_NAMES = ("local", "home.arpa", "internal", "localhost", "lan", "home")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key, both PEM."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Pair(…)"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate says: names and addresses, until when, and its SHA-256 (hex)."""

    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    sha256: str


def make_authority(title: str, names: Sequence[str], now: datetime) -> Pair:
    """Make an authority that may speak for private networks, and for ``names`` besides."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    builder = (
        begun(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
    )
    return signed(builder, key, key)


def make_server(authority: Pair, names: Sequence[str], now: datetime) -> Pair:
    """Make a server's certificate for names and addresses, with a key of its own."""
    ca = x509.load_pem_x509_certificate(authority.certificate)
    ca_key = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    # Nothing that could be read as a name: OpenSSL holds an address here to the constraints on names.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Confere, the page")])
    builder = (
        begun(subject, ca.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
    )
    return signed(builder, key, ca_key)


def may_speak_for(authority: bytes, name: str) -> bool:
    """Whether the constraints of an authority (PEM) let it speak for a name or an address."""
    ca = x509.load_pem_x509_certificate(authority)
    permitted = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    return any(_covers(one, _general(name)) for one in permitted or ())


def _covers(permitted: x509.GeneralName, wanted: x509.GeneralName) -> bool:
    if isinstance(permitted, x509.IPAddress) and isinstance(wanted, x509.IPAddress):
        network = ipaddress.ip_network(permitted.value)
        return ipaddress.ip_address(str(wanted.value)) in network
    if isinstance(permitted, x509.DNSName) and isinstance(wanted, x509.DNSName):
        return f".{wanted.value}".endswith(f".{permitted.value}")
    return False


def is_pair(pair: Pair) -> bool:
    """Whether the key is the certificate's."""
    key = serialization.load_pem_private_key(pair.key, None)
    return key.public_key() == x509.load_pem_x509_certificate(pair.certificate).public_key()


def is_under(certificate: bytes, authority: bytes) -> bool:
    """Whether a certificate is signed by an authority, both PEM."""
    try:
        x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(
            x509.load_pem_x509_certificate(authority)
        )
    except Exception:  # noqa: BLE001 - of another issuer, signed by another key, or of another kind
        return False
    return True


def read_pair(certificate: bytes, key: bytes, what: str) -> Pair:
    """Take what somebody gave, PEM both; raises BadInput for what is no certificate with its key."""
    pair = Pair(certificate, key)
    try:
        fits = is_pair(pair)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput(
            f"{what} is not a certificate in PEM with its unencrypted key",
            "Give the certificate with its chain as --certificate, its private key as --key.",
        ) from None
    if not fits:
        raise BadInput(
            f"the key given is not that of {what}", "Give the key that it was requested with."
        )
    return pair


def facts_of(certificate: bytes) -> Facts:
    """Read a certificate, PEM; of a chain the first."""
    read = x509.load_pem_x509_certificate(certificate)
    try:
        of = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = tuple(str(one.value).lower() for one in of)
    except x509.ExtensionNotFound:
        names = ()
    return Facts(
        names,
        read.not_valid_before_utc,
        read.not_valid_after_utc,
        read.fingerprint(hashes.SHA256()).hex(),
    )


def to_der(certificate: bytes) -> bytes:
    """Return a certificate, PEM, as phones take it."""
    return x509.load_pem_x509_certificate(certificate).public_bytes(serialization.Encoding.DER)


def begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    """Begin a certificate: whose, by whom, for how many days, with a random number."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _EARLIER)
        .not_valid_after(now.astimezone(UTC) - _EARLIER + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def signed(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
) -> Pair:
    """End a certificate: sign it, and put its key beside it."""
    return Pair(
        builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return what a key is for: signing certificates, or speaking TLS."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _permitted(names: Sequence[str]) -> list[x509.GeneralName]:
    networks: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE_NETWORKS
    ]
    for name in names:
        one = _general(name)
        networks.append(
            x509.IPAddress(ipaddress.ip_network(one.value))
            if isinstance(one, x509.IPAddress)
            else one
        )
    return [*networks, *(x509.DNSName(name) for name in PRIVATE_NAMES)]


def _general(name: str) -> x509.IPAddress | x509.DNSName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.lower())
