import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { LoadedSettings } from '../server/settings.js';

/**
 * The file from which Node-RED will load its flows, found as Node-RED does it. Null if projects are enabled, or if no flow file or no user
 * directory is set, because Node-RED then chooses the file itself.
 */
export function loadedFlowFile({ userDir, flowFile, editorTheme }: LoadedSettings): string | null {
  if (editorTheme?.projects?.enabled === true || !userDir || !flowFile) return null;
  if (isAbsolute(flowFile)) return flowFile;
  const beside = join(process.cwd(), flowFile);
  return flowFile.startsWith('./') || existsSync(beside) ? beside : join(userDir, flowFile);
}
