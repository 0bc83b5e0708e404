import type { FromSchema } from 'json-schema-to-ts';
import { objectOf, text, textOrNull } from '../shared/value-schemas.js';

/** One package of a software repository. */
export const SOFTWARE_PACKAGE = {
  ...objectOf({
    category: {
      enum: ['mil', 'tpe'],
      description: '`mil` is the firmware (Moxa Industrial Linux), `tpe` the ThingsPro Edge layer upon it.',
    },
    packageName: text,
    displayName: textOrNull,
    version: {
      ...text,
      description:
        'What it brings: of `mil` the firmware version, of `tpe` version and build, such as `2.3.0-3571`.',
    },
    minFirmwareVersion: { ...textOrNull, description: 'The firmware that must be there; null: any.' },
    size: { type: ['integer', 'null'], minimum: 0, description: 'Bytes.' },
    yamlUrl: { ...text, description: 'The manifest that the gateway takes.' },
  }),
  description: 'One package of a software repository.',
} as const;
export type SoftwarePackage = FromSchema<typeof SOFTWARE_PACKAGE>;
export type PackageCategory = SoftwarePackage['category'];
