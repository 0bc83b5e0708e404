import { CLOSE, type Refusal } from '../front/answers.js';

/** For REST calls without the API token; what comes after is not read. */
export const missingToken: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The API token is missing: send the header "Authorization: Bearer TOKEN".',
  headers: { ...CLOSE, 'www-authenticate': 'Bearer' },
};

/** For REST calls with another token. */
export const wrongToken: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The API token is wrong: it was printed at the first start, or is what TPE_API_TOKEN says.',
  headers: { ...CLOSE, 'www-authenticate': 'Bearer error="invalid_token"' },
};
