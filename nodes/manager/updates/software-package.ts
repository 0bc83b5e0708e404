/** `mil` is the firmware (Moxa Industrial Linux), `tpe` the ThingsPro Edge layer upon it. */
export type PackageCategory = 'mil' | 'tpe';

/** One package of a software repository. */
export interface SoftwarePackage {
  category: PackageCategory;
  packageName: string;
  displayName: string | null;
  /** What it brings: of `mil` the firmware version, of `tpe` version and build: `2.3.0-3571`. */
  version: string;
  /** The firmware that must be there; null: any. */
  minFirmwareVersion: string | null;
  /** Bytes. */
  size: number | null;
  /** The manifest that POST /upgrades takes. */
  yamlUrl: string;
}
