"""Settings of Apache Superset: local, in Portuguese, with no request to another host.

`lastro bi` sets the variables that are read here; who runs Superset elsewhere sets them too.
"""

import logging
import os
from pathlib import Path

# What Superset keeps. SQLite fails on two databases with one table name.
SQLALCHEMY_DATABASE_URI = os.environ["LASTRO_BI_METADATA"]
# It signs sessions and encrypts the addresses of databases: another key cannot read those.
SECRET_KEY = Path(os.environ["LASTRO_BI_SECRET_FILE"]).read_text(encoding="utf-8").strip()

# Whether a proxy before it speaks https.
HTTPS = bool(os.environ.get("LASTRO_BI_HTTPS"))

# Pages ask this host alone. The browser refuses Superset's tracking pixel, its maps and its fonts.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "worker-src": ["'self'", "blob:"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": HTTPS,
}
ENABLE_PROXY_FIX = HTTPS
MAPBOX_API_KEY = ""
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
SLACK_ENABLE_AVATARS = False
BUG_REPORT_URL = DOCUMENTATION_URL = None

LANGUAGES = {
    "pt_BR": {"flag": "br", "name": "Português do Brasil"},
    "en": {"flag": "us", "name": "English"},
}
BABEL_DEFAULT_LOCALE = "pt_BR"
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["R$ ", ""]}

FEATURE_FLAGS = {
    "ALERT_REPORTS": False,
    "DASHBOARD_RBAC": False,
    "EMBEDDED_SUPERSET": False,
    # Templates in SQL read settings and the user's name; no question of ours has one.
    "ENABLE_TEMPLATE_PROCESSING": False,
    # A file that somebody uploads is no published table.
    "ALLOW_FULL_CSV_EXPORT": False,
}

# No answer is kept: each look asks the published version, with the rights of its area.
CACHE_CONFIG = DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

LOG_LEVEL = logging.ERROR

# Guesses at a password are slowed down, on one machine.
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "500 per second"
RATELIMIT_STORAGE_URI = "memory://"
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per 20 seconds"
AUTH_USER_REGISTRATION = False
PUBLIC_ROLE_LIKE = None
FAB_API_SWAGGER_UI = False
