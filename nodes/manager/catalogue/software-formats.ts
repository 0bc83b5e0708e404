import { formFault } from './package-url.js';

const LONGEST = 2048;
const IMAGE =
  /^((?:[a-z\d-]+\.)+[a-z\d-]+(?::\d{1,5})?)(?:\/[a-z\d]+(?:[._-]+[a-z\d]+)*)+(?::[\w.-]{1,128})?(?:@sha256:[\da-f]{64})?$/;
/** A name as PyPI has it, and versions: no URL, no path, no option of pip. */
const PYTHON_PACKAGE =
  /^[a-z\d](?:[a-z\d._-]{0,99}[a-z\d])?(?:\[[a-z\d,._ -]{0,200}\])?(?: ?[<>=!~]{1,3} ?[a-z\d.*+!_-]{1,60}(?:, ?[<>=!~]{1,3} ?[a-z\d.*+!_-]{1,60}){0,9})?$/i;
/** A name or a version: no path, no option of apt. */
const DEBIAN_PACKAGE = /^[a-z\d][a-z\d+.:~-]{0,127}$/i;

/**
 * The formats by which the catalogue marks the fields that tell a gateway where software comes from, and whether a text has
 * that form. Which hosts are allowed is another question: software-sources.ts.
 */
export const SOFTWARE_FORMATS = {
  'package-url': (text: string) => formFault(text) === null,
  'package-image': (text: string) => registryOf(text) !== null,
  'python-package': (text: string) => isPythonPackage(text) || formFault(text) === null,
  'debian-package': (text: string) => DEBIAN_PACKAGE.test(text),
};
export type SoftwareFormat = keyof typeof SOFTWARE_FORMATS;

/** The registry that an image comes from, with its port; null for what is no image that names one. */
export function registryOf(image: string): string | null {
  return image.length > LONGEST ? null : (IMAGE.exec(image)?.[1] ?? null);
}

/** True for a name with or without versions, which pip looks up where it always does. */
export function isPythonPackage(text: string): boolean {
  return text.length <= LONGEST && PYTHON_PACKAGE.test(text);
}
