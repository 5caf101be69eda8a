"""X.509 for a cluster: an authority that is for nothing else, and a certificate for each of its members.

In a Dask cluster whoever has a certificate of the authority may take part, and names are not compared
with addresses. So the authority must be of this cluster alone. What a member is for stands in its subject
(``OU``): a worker signs its bench's recipient with the key of its certificate, and a signature by a
scheduler's or a client's is refused (`is_from_worker`). ECDSA with P-256, which every OpenSSL knows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from confere.crypto.certificates import (
    AUTHORITY_DAYS,
    SERVER_DAYS,
    Pair,
    begun,
    is_under,
    key_usage,
    signed,
)

Role = Literal["scheduler", "worker", "client"]
#: For a worker's key that somebody made with OpenSSL's defaults.
_PSS = PSS(MGF1(hashes.SHA256()), PSS.DIGEST_LENGTH)


def make_cluster_authority(title: str, now: datetime) -> Pair:
    """Make an authority for one cluster."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    builder = (
        begun(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
    )
    return signed(builder, key, key)


def make_member(authority: Pair, role: Role, name: str, now: datetime) -> Pair:
    """Make a member's certificate, with a key of its own; it may call and be called."""
    ca = x509.load_pem_x509_certificate(authority.certificate)
    ca_key = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        begun(subject, ca.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
    )
    return signed(builder, key, ca_key)


def sign_as_member(key: bytes, message: bytes) -> bytes:
    """Sign with a member's key, PEM; raises ValueError or TypeError for a key of another kind."""
    private = serialization.load_pem_private_key(key, None)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(hashes.SHA256()))
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(message, _PSS, hashes.SHA256())
    raise ValueError("neither an elliptic curve's key nor RSA's")


def is_from_worker(
    certificate: bytes, authority: bytes, signature: bytes, message: bytes, now: datetime
) -> bool:
    """Whether a message is signed by the holder of a worker's certificate of this cluster (PEM both)."""
    try:
        read = x509.load_pem_x509_certificate(certificate)
        roles = read.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        if [role.value for role in roles] != ["worker"] or not is_under(certificate, authority):
            return False
        if not read.not_valid_before_utc <= now <= read.not_valid_after_utc:
            return False
        public = read.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, _PSS, hashes.SHA256())
        else:
            return False
    except (ValueError, InvalidSignature):
        return False
    return True
