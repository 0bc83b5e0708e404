/** The path at which TPEDM receives webhooks. */
export const DEFAULT_WEBHOOK_PATH = '/api/emqx/hook';

export const WEBHOOK_PATH_RULE =
  'give a path such as /api/emqx/hook, of letters, digits, dots, hyphens and underscores between slashes';

/** Whether webhooks can be served at this path, below Node-RED's root for nodes. */
export function isWebhookPath(path: string): boolean {
  return path.length <= 200 && /^(\/[\w.~-]+)+$/.test(path);
}
