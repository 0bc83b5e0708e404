import { defineReasons } from '../shared/reason.js';

/** Why commands end without success, and why they cannot be sent or canceled. */
export const commandReason = defineReasons({
  'gateway-unknown': 'There is no gateway with the client id "{clientid}": register it first.',
  'gateway-offline': 'The gateway is offline ({reason}).',
  'no-reason-known': 'no reason known',
  'gateway-never-connected': 'The gateway is registered, but was never connected.',
  'gateway-went-offline': 'The gateway went offline before this command could be sent.',
  'gateway-not-reached-in-time': 'The gateway was not connected, or busy, until {time}.',
  'held-too-long': 'It could not be sent until {time}: {reason}',
  'gateway-retired': 'The gateway was retired.',
  'too-many-commands-wait': '{count} commands wait for this gateway already: wait for them or cancel some.',
  'request-expired': 'The request has expired: its request-expired-time was {time} UTC.',
  'operation-changed':
    'The operation was changed meanwhile, and may do more than was confirmed: look at it again.',
  'not-sent': 'Not sent: {reason}',
  'not-sent-database-away-recording':
    'Not sent: the database went away while this command was being recorded.',
  'not-sent-database-away-claiming':
    'Not sent: the database went away while this command was taken out of the queue.',
  'nobody-listens':
    'Nobody listens on {topic}: the gateway is away, or "remote API" is off or set to another topic in its MQTT client.',
  'no-answer': 'No answer within {seconds} s.',
  'no-answer-connection-ended': 'No answer within {seconds} s. Its connection ended meanwhile.',
  'answer-not-taken': 'The gateway answered, but the answer cannot be taken. {words}',
  'answered-with-status': 'The gateway answered {status}.',
  'answered-with-words': 'The gateway answered {status}: {words}.',
  'header-refused':
    'The gateway refused the header of the request ({words}): its clock is probably wrong. Set its time, best by NTP.',
  'status-alone': 'status {status}',
  'command-canceled': 'Canceled by {who}.',
  'command-unknown': 'There is no command "{requestId}".',
  'command-not-queued': 'Command {requestId} is {state}: only a QUEUED one can be canceled.',
});
