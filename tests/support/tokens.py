"""Signing keys, JSON Web Tokens and certificates for tests; nothing of them outlives a run."""

import base64
import datetime
import ipaddress
import json
import time
import warnings

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # Debian's cryptography speaks of Python 3.11's own deprecations
    import jwt
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

ISSUER = "https://issuer.example"
AUDIENCE = "vmsecurity"
ROLE_CLAIM = "vmsecurity_role"


def number(value, size=None):
    """An integer as RFC 7518 §2 has it: big-endian, base64url."""
    size = size or (value.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(value.to_bytes(size, "big")).rstrip(b"=").decode()


class Key:
    def __init__(self, algorithm, name):
        self.algorithm, self.name = algorithm, name
        if algorithm.startswith("RS"):
            self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        else:
            self.private = ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        public = self.private.public_key().public_numbers()
        common = {"kid": self.name, "use": "sig", "alg": self.algorithm}
        if self.algorithm.startswith("RS"):
            return common | {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
        return common | {
            "kty": "EC",
            "crv": "P-256",
            "x": number(public.x, 32),
            "y": number(public.y, 32),
        }

    def public_pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, claims=None, headers=None, **over):
        """A token for ten minutes; a claim of None is left out."""
        now = int(time.time())
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "someone",
            "iat": now,
            "exp": now + 600,
            ROLE_CLAIM: "viewer",
        }
        body = {k: v for k, v in (body | (claims or {}) | over).items() if v is not None}
        return jwt.encode(
            body,
            self.private,
            algorithm=self.algorithm,
            headers={"kid": self.name} | (headers or {}),
        )


def key_set(*keys):
    return json.dumps({"keys": [key.jwk() for key in keys]})


def unsigned(claims):
    """What an attacker writes: alg none."""
    part = lambda v: base64.urlsafe_b64encode(json.dumps(v).encode()).rstrip(b"=").decode()  # noqa: E731
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def write_certificate(folder, name="server"):
    """A self-signed certificate for 127.0.0.1 and its key: two paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.utcnow()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    key_path.chmod(0o600)
    return certificate_path, key_path
