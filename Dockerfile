# The service in one image: dependencies pinned by constraints.txt, a user without rights, no build tools at run time.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY service service
COPY prompts prompts
COPY schemas schemas
COPY evals evals
RUN python -m venv /opt/fangan \
 && /opt/fangan/bin/pip install --no-cache-dir --quiet --constraint constraints.txt .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /home/fangan --create-home fangan \
 && install -d -o fangan -m 700 /var/lib/fangan
COPY --from=build /opt/fangan /opt/fangan
# All that is written goes to the volume; the rest may be read-only, with a tmpfs on /tmp.
ENV PATH=/opt/fangan/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    FANGAN_HOST=0.0.0.0 FANGAN_DATA_DIR=/var/lib/fangan
USER fangan
WORKDIR /home/fangan
VOLUME /var/lib/fangan
EXPOSE 8000
# Whether the process lives; whether it can work is /readyz, which a load balancer asks.
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Beyond loopback it starts only with an API key: set FANGAN_API_KEYS, or make one with `fangan keys add`.
CMD ["fangan", "serve"]
