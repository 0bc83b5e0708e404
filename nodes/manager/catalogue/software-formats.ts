import { formFault } from './package-url.js';

const LONGEST = 2048;
const IMAGE =
  /^((?:[a-z\d-]+\.)+[a-z\d-]+(?::\d{1,5})?)(?:\/[a-z\d]+(?:[._-]+[a-z\d]+)*)+(?::[\w.-]{1,128})?(?:@sha256:[\da-f]{64})?$/;
/** A name as on PyPI, with or without versions. It excludes URLs, paths and options of pip. */
const PYTHON_PACKAGE =
  /^[a-z\d](?:[a-z\d._-]{0,99}[a-z\d])?(?:\[[a-z\d,._ -]{0,200}\])?(?: ?[<>=!~]{1,3} ?[a-z\d.*+!_-]{1,60}(?:, ?[<>=!~]{1,3} ?[a-z\d.*+!_-]{1,60}){0,9})?$/i;
/** A name or a version. It excludes paths and options of apt. */
const DEBIAN_PACKAGE = /^[a-z\d][a-z\d+.:~-]{0,127}$/i;

/**
 * The formats by which the catalogue marks fields that tell a gateway where to load software from. Each checks the form of a
 * text; software-sources.ts checks whether its host is allowed.
 */
export const SOFTWARE_FORMATS = {
  'package-url': (text: string) => formFault(text) === null,
  'package-image': (text: string) => registryOf(text) !== null,
  'python-package': (text: string) => isPythonPackage(text) || formFault(text) === null,
  'debian-package': (text: string) => DEBIAN_PACKAGE.test(text),
};
export type SoftwareFormat = keyof typeof SOFTWARE_FORMATS;

/** The registry of an image, with its port if it has one; null for a text that is no image with a registry. */
export function registryOf(image: string): string | null {
  return image.length > LONGEST ? null : (IMAGE.exec(image)?.[1] ?? null);
}

/** Whether the text is a name with or without versions, which pip looks up in its configured index. */
export function isPythonPackage(text: string): boolean {
  return text.length <= LONGEST && PYTHON_PACKAGE.test(text);
}
