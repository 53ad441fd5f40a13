# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign a client certificate and a service account token that ended yesterday, with the cluster's own keys.

Usage: expired.py FOLDER. It reads ca.crt, ca.key and sa.key there, and writes expired.crt, .key and .token.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

FOLDER = Path(sys.argv[1])
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def private_key(name: str) -> rsa.RSAPrivateKey:
    """One of the cluster's keys: kubeadm makes RSA keys."""
    key = serialization.load_pem_private_key((FOLDER / name).read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{name} is no RSA key")
    return key


def write_certificate() -> None:
    """A certificate of a cluster administrator, for one day, until yesterday."""
    authority = x509.load_pem_x509_certificate((FOLDER / "ca.crt").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    names = [(NameOID.ORGANIZATION_NAME, "system:masters"), (NameOID.COMMON_NAME, "late")]
    builder = x509.CertificateBuilder(
        issuer_name=authority.subject,
        subject_name=x509.Name([x509.NameAttribute(oid, value) for oid, value in names]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=YESTERDAY - timedelta(days=1),
        not_valid_after=YESTERDAY,
    )
    certificate = builder.sign(private_key("ca.key"), hashes.SHA256())
    (FOLDER / "expired.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (FOLDER / "expired.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def write_token() -> None:
    """A JSON Web Token (RFC 7519) as the API server issues them, until yesterday."""
    claims = {"iss": "https://kubernetes.default.svc.cluster.local", "sub": "late", "exp": int(YESTERDAY.timestamp())}
    parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signature = private_key("sa.key").sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    (FOLDER / "expired.token").write_text(".".join([*parts, encoded(signature)]), encoding="ascii")


def encoded(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


write_certificate()
write_token()
