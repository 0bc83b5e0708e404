import type { Request, Response } from 'express';
import { HTTP_STATUS } from '../../api/http-status.js';
import { WALL_PROCEDURES } from '../../api/procedures/wall.js';
import { runProcedure } from '../../api/run-procedure.js';
import { sayWall } from '../../api/wall-state.js';
import { chosenLanguage } from '../../api/words/languages.js';
import type { Account } from '../../manager/accounts/account.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { printable } from '../../manager/shared/printable.js';
import { asTpeError } from '../../manager/shared/tpe-error.js';
import { refuseRest, sendJson } from '../http/answers.js';
import { sendPage } from '../http/page-file.js';
import { wallCaller } from './wall-access.js';
import { wallFiles } from './wall-files.js';

const WITHOUT_SLASH = '/wall';
/** It ends with a slash because the dashboard's service worker leaves such addresses to the server. */
const PAGE = '/wall/';
const STATE = '/wall/state';

const HEADERS = { 'cache-control': 'no-store' };

/**
 * Creates what serves the wall page, for screens in control rooms, at wall/ below the path of the dashboard. Page and script say nothing of
 * the fleet, so anybody may load them; the state needs a session of the dashboard (`account`) or a token for this page. `manager` rejects
 * while none is open. The returned function tells whether the request was for it.
 */
export function wallPages(accounts: Accounts, manager: () => Promise<DeviceManager>) {
  const state = async (request: Request, response: Response, account: Account | null): Promise<void> => {
    const caller = wallCaller(accounts, request, account);
    if ('status' in caller) {
      const facts = { place: `${request.baseUrl}${PAGE}` };
      return refuseRest(response, { ...caller, headers: { ...HEADERS, ...caller.headers }, facts });
    }
    const { lang } = request.query;
    try {
      const read = await runProcedure(WALL_PROCEDURES['wall.state'], {}, caller, manager);
      const said = sayWall(read, chosenLanguage(typeof lang === 'string' ? [lang] : []));
      const { version } = await wallFiles();
      sendJson(response, 200, HEADERS, { status: true, data: { ...said, version } });
    } catch (error) {
      const { code, reason } = asTpeError(error);
      refuseRest(response, { status: HTTP_STATUS[code], code, message: reason, headers: HEADERS });
    }
  };

  const files = async (request: Request, response: Response): Promise<void> =>
    sendPage(request, response, await wallFiles(), request.path.slice(PAGE.length));

  return (request: Request, response: Response, account: Account | null): boolean => {
    const { method, path, baseUrl, url } = request;
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (path === WITHOUT_SLASH) response.redirect(302, `${baseUrl}${PAGE}${url.slice(path.length)}`);
    else if (path === STATE) void state(request, response, account);
    else if (path.startsWith(PAGE)) files(request, response).catch((error) => sayMissing(response, error));
    else return false;
    return true;
  };
}

/** The error is not sent, because it names the folder of the files. */
function sayMissing(response: Response, error: unknown): void {
  console.error(printable(`The wall page cannot be read: ${error}`));
  refuseRest(response, {
    ...{ status: 500, code: 'ERROR' },
    message: 'The files of this page are missing: build the pack.',
  });
}
