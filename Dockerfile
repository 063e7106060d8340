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
RUN useradd --system --uid 10001 --home-dir /home/fangan --create-home fangan
COPY --from=build /opt/fangan /opt/fangan
ENV PATH=/opt/fangan/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER fangan
WORKDIR /home/fangan
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Without API keys, which are not built yet, the service listens on loopback only: run the image with --network host,
# behind whatever decides who may reach it.
CMD ["fangan", "serve"]
