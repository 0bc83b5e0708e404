import type { FromSchema } from 'json-schema-to-ts';
import { flag, objectOf, text } from '../../shared/value-schemas.js';
import { SOFTWARE_PACKAGE } from '../software-package.js';

/** The schema of a package that a scan looked at. */
export const CANDIDATE = objectOf({
  package: SOFTWARE_PACKAGE,
  fits: { ...flag, description: 'Whether it is on the path.' },
  reason: { ...text, description: 'For a person: which step it is, or why it is left out.' },
});
export type Candidate = FromSchema<typeof CANDIDATE>;
