import { defineReasons } from '../../manager/shared/reason.js';

/** Why somebody is not let in, or a call of REST came to nothing, as the audit tells it. */
export const loginReason = defineReasons({
  'wrong-user-or-password': 'wrong user or password',
  'editor-needs-administrator': 'only administrators may open the editor',
  'viewer-may-not-act': 'a viewer may look, and not act',
  'api-token-wrong': 'the API token is wrong',
  'wall-token-wrong': 'the token for the wall page is wrong',
  'token-of-wall': 'This token opens the wall page and nothing else: make one for REST.',
  'token-of-rest':
    'This token is for REST: make one for the wall page, in the account menu under API tokens.',
  'call-answered-with-status': 'answered with {status}',
  'caller-did-not-wait': 'the caller did not wait for the answer',
  'command-is-no-json': 'Send the command as JSON, with the header "Content-Type: application/json".',
  'provider-unreachable':
    'The sign-in of {provider} cannot be reached now: try again in a moment, or sign in with a password.',
  'sign-in-too-late': 'The sign-in took too long, or was started in another browser: try again.',
  'sign-in-not-completed': 'The sign-in of {provider} was not completed: {words}.',
  'no-role-here': '{user} has no role here: ask an administrator for one (claim "{claim}").',
});
