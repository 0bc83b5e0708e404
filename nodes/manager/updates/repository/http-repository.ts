import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import axios from 'axios';
import { backoffMs } from '../../shared/backoff.js';
import { createEnding } from '../../shared/ending.js';
import { parseJson, whyNoJson } from '../../shared/json-bounds.js';
import { pause } from '../../shared/pause.js';
import { type Reason, wordsOfOthers } from '../../shared/reason.js';
import { asTpeError, messageOf, TpeError } from '../../shared/tpe-error.js';
import type { PackageCategory } from '../software-package.js';
import { type ListPage, listIn } from './list-in.js';
import { forModel, readPackages } from './package-list.js';
import type { RepositoryOptions, SoftwareRepository } from './repository.js';
import { repositoryReason } from './repository-reasons.js';

export interface RepositoryLimits {
  /** The time limit of one request, including its whole answer, ms. */
  answerWithinMs: number;
  /** The largest answer that is read, bytes. */
  mostBytes: number;
  /** The pause before the second attempt, ms; it doubles with each further one. */
  pauseMs: number;
}

const MB = 1024 * 1024;
const LIMITS: RepositoryLimits = { answerWithinMs: 30_000, mostBytes: 16 * MB, pauseMs: 1000 };
const TRIES = 3;
const MAX_PAGES = 50;
/** Status codes that pass by themselves, after which the request is repeated. */
const NOT_READY = [429, 502, 503, 504];

/** The codes of Node.js for faults of certificates, in words for a person. */
const CERTIFICATES: Record<string, Reason> = {
  CERT_HAS_EXPIRED: repositoryReason('repository-certificate-expired'),
  CERT_NOT_YET_VALID: repositoryReason('repository-certificate-too-new'),
  DEPTH_ZERO_SELF_SIGNED_CERT: repositoryReason('repository-certificate-self-signed'),
  SELF_SIGNED_CERT_IN_CHAIN: repositoryReason('repository-certificate-unknown'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: repositoryReason('repository-certificate-unknown'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: repositoryReason('repository-certificate-unknown'),
  ERR_TLS_CERT_ALTNAME_INVALID: repositoryReason('repository-certificate-of-other'),
};

/**
 * Creates the vendor's repository: `GET packages?category=&model=` below its URL, with a client certificate if one is given. The
 * certificate of the server is always verified. A URL that ends in .json is a file in the same form, with all packages. Throws
 * INVALID_INPUT for an invalid URL and for files that cannot be read.
 */
export function httpRepository(
  options: Extract<RepositoryOptions, { kind: 'http' }>,
  limits: RepositoryLimits = LIMITS,
): SoftwareRepository {
  const base = baseOf(options.url);
  const isFile = base.pathname.endsWith('.json');
  const closing = createEnding();
  const httpsAgent = new Agent({
    cert: readOptional(options.certFile, repositoryReason('repository-client-certificate')),
    key: readOptional(options.keyFile, repositoryReason('repository-client-key')),
    ca: readOptional(options.caFile, repositoryReason('repository-ca-file')),
    keepAlive: true,
    maxSockets: 4,
  });
  const client = axios.create({
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: limits.mostBytes,
    responseType: 'text',
    transformResponse: (text) => text,
    validateStatus: null,
    headers: { accept: 'application/json' },
  });
  const place = `${base.origin}${base.pathname}`;
  const unusable = (fault: Reason) =>
    new TpeError('UNAVAILABLE', repositoryReason('repository-not-usable', { place, fault }));

  async function once(url: URL, signal: AbortSignal): Promise<ListPage | 'again'> {
    const timer = AbortSignal.timeout(limits.answerWithinMs);
    const { status, data } = await client
      .get<unknown>(url.href, { signal: AbortSignal.any([signal, closing.signal, timer]) })
      .catch((error: unknown) => {
        if (signal.aborted || closing.signal.aborted) throw new TpeError('CLOSED', 'The scan was stopped.');
        if (timer.aborted) {
          throw unusable(repositoryReason('repository-too-slow', { seconds: limits.answerWithinMs / 1000 }));
        }
        throw unusable(faultOf(error, limits));
      });
    if (NOT_READY.includes(status)) return 'again';
    if (status >= 300 && status < 400) throw unusable(repositoryReason('repository-redirects'));
    if (status === 401 || status === 403) throw unusable(repositoryReason('repository-refuses', { status }));
    if (status !== 200) throw unusable(repositoryReason('repository-status', { status }));
    return parse(String(data));
  }

  function parse(text: string): ListPage {
    try {
      return listIn(parseJson(text));
    } catch (error) {
      const isPage = /^\s*</.test(text);
      throw unusable(
        isPage
          ? repositoryReason('repository-html')
          : repositoryReason('repository-answer', { fault: listFault(error) }),
      );
    }
  }

  async function ask(url: URL, signal: AbortSignal): Promise<ListPage> {
    for (let tries = 1; ; tries += 1) {
      const page = await once(url, signal);
      if (page !== 'again') return page;
      if (tries === TRIES) throw unusable(repositoryReason('repository-overloaded'));
      await pause(backoffMs(tries - 1, { firstMs: limits.pauseMs }), { signal });
    }
  }

  /** Reads all pages, since an answer may hold only a part of the list. */
  async function whole(category: PackageCategory, model: string, signal: AbortSignal): Promise<unknown[]> {
    if (isFile) return (await ask(base, signal)).list;
    const list: unknown[] = [];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const url = new URL('packages', base);
      url.searchParams.set('category', category);
      url.searchParams.set('model', model);
      if (list.length > 0) url.searchParams.set('offset', String(list.length));
      const { list: some, total } = await ask(url, signal);
      list.push(...some);
      if (some.length === 0 || total === null || list.length >= total) break;
    }
    return list;
  }

  return {
    place,
    async packages(category, model, signal) {
      return forModel(readPackages(await whole(category, model, signal), category), model);
    },
    close() {
      closing.abort();
      httpsAgent.destroy();
    },
  };
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TpeError('INVALID_INPUT', repositoryReason('repository-url'));
  }
  if (!url.pathname.endsWith('.json') && !url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function readOptional(file: string | undefined, what: Reason): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    const fault = asTpeError(error).reason;
    throw new TpeError(
      'INVALID_INPUT',
      repositoryReason('repository-key-file-not-readable', { what, fault }),
    );
  }
}

/** Why an answer holds no list. */
function listFault(error: unknown): Reason {
  return error instanceof TpeError ? error.reason : whyNoJson(error);
}

/** Why there is no answer. */
function faultOf(error: unknown, { mostBytes }: RepositoryLimits): Reason {
  const { code } = error as { code?: unknown };
  const text = messageOf(error);
  if (typeof code === 'string' && CERTIFICATES[code] !== undefined) return CERTIFICATES[code];
  if (/maxContentLength/.test(text)) {
    return repositoryReason('repository-answer-too-large', { size: mostBytes / MB });
  }
  if (/alert|handshake|EPROTO|certificate required/i.test(`${code} ${text}`)) {
    return repositoryReason('repository-tls', { words: text });
  }
  return wordsOfOthers(text);
}
