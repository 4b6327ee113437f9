"""From a claim to what is run: an installed method, or a package or image, fetched, built and looked at first."""

import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from farfield.choices import described_for
from farfield.errors import PackageError
from farfield.packaging.intake import look_into_package
from farfield.packaging.resolution.base import Base
from farfield_evaluators.catalog import find
from farfield_evaluators.wire import Claim, UploadRef
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.client import SiteClient
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.inspection import Candidate, inspect
from farfield_workers.installed import Installed
from farfield_workers.packages.build import Built, build
from farfield_workers.packages.settings import BuildSettings
from farfield_workers.run_features import backbone_of
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import GIB, Stopped
from farfield_workers.sandbox.choose import Chosen
from farfield_workers.settings import WorkerSettings


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What is run, and the record of where it came from, for the run's report."""

    runnable: Runnable
    record: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What a worker needs to make a claim runnable."""

    settings: WorkerSettings
    client: SiteClient
    chosen: Chosen

    def enter(self, claim: Claim, installed: Installed, observer: Observer) -> Entered:
        """Raises RunFailure with the code of what is wrong; Stopped when the run went to other workers."""
        if claim.upload is None and not claim.image:
            return Entered(runnable=Runnable(description=installed.method(claim.method["name"])), record={})
        if not self.chosen.sandbox.isolates:
            raise RunFailure("platform.no_sandbox", f"no submitted code: {self.chosen.lacks}", infrastructure=True)
        observer.stage("preparing")
        if claim.upload is not None:
            return self._package(claim, claim.upload, installed, observer)
        return self._image(claim, installed, observer)

    def file(self, claim: Claim, upload: UploadRef) -> Path:
        """The uploaded file, fetched once, its content checked against its hash."""
        path = self.settings.var / "cache" / "uploads" / upload.sha256
        if not path.exists():
            self._fetch(claim, upload, path)
        return path

    def _fetch(self, claim: Claim, upload: UploadRef, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix="coming-")
        try:
            digest = hashlib.sha256()
            with os.fdopen(descriptor, "wb") as file:
                for chunk in self.client.upload(claim, upload.size):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != upload.sha256:
                raise RunFailure("platform.upload", "the uploaded file arrived changed", infrastructure=True)
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)

    def _package(self, claim: Claim, upload: UploadRef, installed: Installed, observer: Observer) -> Entered:
        path = self.file(claim, upload)
        try:
            package = look_into_package(path, upload.filename)
            observer.log(f"{package.distribution} {package.version}: making its packages ready\n")
            observer.log(f"{package.ignored}\n" if package.ignored else "")
            built = self._build(path, package, observer)
        except PackageError as error:
            raise RunFailure(error.code, str(error)) from error
        candidate = self._candidate(claim, plugin=built.folder, distribution=package.distribution)
        return self._looked_at(claim, candidate, installed, {"package": built.record}, observer)

    def _build(self, path: Path, package: Any, observer: Observer) -> Built:
        base = as_base(self.chosen.base)
        settings = BuildSettings(indexes=self.settings.indexes, certificates=self.settings.certificates)
        return build(path, package, base, self.settings.var / "packages", self.chosen.sandbox, settings, observer)

    def _image(self, claim: Claim, installed: Installed, observer: Observer) -> Entered:
        if not self.chosen.sandbox.runs_images:
            raise RunFailure("platform.no_sandbox", "this worker cannot run container images", infrastructure=True)
        candidate = self._candidate(claim, image=claim.image, distribution="")
        return self._looked_at(claim, candidate, installed, {"image": claim.image}, observer)

    def _candidate(self, claim: Claim, **source: Any) -> Candidate:
        config = find(claim.benchmark).plan.of_the_method(claim.config)
        return Candidate(method=claim.method["name"], config=config, gpu=self.settings.gpu, **source)

    def _looked_at(
        self, claim: Claim, candidate: Candidate, installed: Installed, record: dict[str, Any], observer: Observer
    ) -> Entered:
        memory = int(self.settings.ceiling.memory_gib * GIB)
        observer.log("importing it, and testing its protocol on a few random inputs\n")
        described = inspect(self.chosen.sandbox, candidate, self.settings.var, observer, memory)
        backbone_of(described_for(described, claim.config), installed)
        if not self.client.introduce(claim, described):
            raise Stopped
        made = record.get("package", {})
        runnable = Runnable(description=described, plugin=candidate.plugin, image=candidate.image, record=made)
        return Entered(runnable=runnable, record=record)


def as_base(environment: BaseEnvironment | None) -> Base:
    """The base environment as the builder knows it."""
    if environment is None:
        raise RunFailure("platform.no_sandbox", "this worker has no base environment", infrastructure=True)
    return replace(Base.of(environment.versions), fingerprint=environment.fingerprint)
