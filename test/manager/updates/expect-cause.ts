import { expect } from 'chai';
import { packageUrlReason } from '../../../nodes/manager/catalogue/package-url-reasons.js';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import { connectionReason } from '../../../nodes/manager/registry/connection-reasons.js';
import { type Cause, fillIn } from '../../../nodes/manager/shared/reason.js';
import { installationReason } from '../../../nodes/manager/updates/install/installation-reasons.js';
import { repositoryReason } from '../../../nodes/manager/updates/repository/repository-reasons.js';
import { scanReason } from '../../../nodes/manager/updates/scan/scan-reasons.js';

/** Those of other rooms are there because a step may say why a command failed. */
const TEXTS: Readonly<Record<string, string>> = {
  ...commandReason.texts,
  ...connectionReason.texts,
  ...installationReason.texts,
  ...scanReason.texts,
  ...repositoryReason.texts,
  ...packageUrlReason.texts,
};

/** Fails unless a cause says in English what stands beside it. Words of others have none. */
export function expectCause(text: string | null, cause: Cause | null): void {
  if (cause === null) return;
  const template = TEXTS[cause.code];
  if (template === undefined) throw new Error(`no text has the code ${cause.code}`);
  expect(fillIn(template, cause.params)).to.equal(text);
}
