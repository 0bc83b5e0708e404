import type { FromSchema } from 'json-schema-to-ts';
import { CAUSE_OR_NULL, type WithCauses } from '../../shared/reason.js';
import { flag, objectOf, text } from '../../shared/value-schemas.js';
import { SOFTWARE_PACKAGE } from '../software-package.js';

/** The schema of a package that a scan looked at. */
export const CANDIDATE = objectOf({
  package: SOFTWARE_PACKAGE,
  fits: { ...flag, description: 'Whether it is on the path.' },
  reason: { ...text, description: 'For a person: which step it is, or why it is left out.' },
  cause: CAUSE_OR_NULL,
});
export type Candidate = FromSchema<typeof CANDIDATE, WithCauses>;
