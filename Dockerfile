# The same requirements and steps as `make run`, with the servers outside (docker-compose.yml).
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /requirements.txt

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --create-home rundgang \
    && install -d -o rundgang -g rundgang -m 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 ROTATION_DATA=/data
# As `manage.py prepare` does in a checkout; here /app belongs to root and stays as it is.
RUN python -c "import pathlib, polib; [polib.pofile(str(p)).save_as_mofile(str(p.with_suffix('.mo'))) \
    for p in pathlib.Path('locale').glob('*/LC_MESSAGES/*.po')]"
USER rundgang
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket", "-b", "0.0.0.0:8000"]
