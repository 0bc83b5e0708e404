import { defineReasons } from '../shared/reason.js';

/** What alarms say: what is so, and what to do first. */
export const alarmReason = defineReasons({
  'alarm-offline': 'Offline since {since}: {why}.',
  'alarm-why-unknown': 'it is not known why',
  'alarm-site-offline': '{site}: {offline} of {total} gateways are offline since {since}.',
  'alarm-fleet-offline': '{offline} of {total} gateways are offline since {since}.',
  'alarm-flapping': 'It has connected {times} times within an hour.',
  'alarm-never-seen': 'It was registered {since}, and has never connected.',
  'alarm-login-refused': '{times} logins under its client id were refused, the last from {address}: {why}.',
  'alarm-id-twice':
    'Two gateways seem to share this client id: taken over {times} times within {minutes} minutes, from {before} and {here}.',
  'alarm-clock-ahead': 'Its clock is {seconds} s ahead.',
  'alarm-clock-behind': 'Its clock is {seconds} s behind.',
  'alarm-disk-full': 'Its fullest disk is {percent} % full.',
  'alarm-certificate-ends': 'The TLS certificate of {what} ends in {days} days, {end}.',
  'alarm-certificate-ended': 'The TLS certificate of {what} has ended {end}.',
  'alarm-of-broker': 'the broker',
  'alarm-of-repository': 'the repository',
  'alarm-credential-old': 'Its password is {days} days old.',
  'alarm-update-available': 'Newer software has been there for it for {days} days.',
  'alarm-installation-failed': 'The installation {id} has failed: {why}',
  'alarm-job-failed': 'The job "{name}" ({id}) has failed on {failed} of {total} gateways.',
  'alarm-job-paused': 'The job "{name}" ({id}) is paused: {why}',
  'alarm-broker-away': 'The broker cannot be reached since {since}: {why}',
  'alarm-database-was-away': 'The database could not be reached for {seconds} s, from {since} on.',
  'alarm-instance-dead': 'The device manager "{instance}" was last heard of {since}.',

  // Of many gateways at once.
  'alarm-many-flapping': '{count} gateways connect again and again.',
  'alarm-many-never-seen': '{count} gateways are registered, and have never connected.',
  'alarm-many-refused': 'Logins under the client ids of {count} gateways are refused.',
  'alarm-many-ids-twice': '{count} client ids seem to be used twice.',
  'alarm-many-clocks': 'The clocks of {count} gateways are wrong.',
  'alarm-many-disks': 'The disks of {count} gateways are nearly full.',
  'alarm-many-credentials': 'The passwords of {count} gateways are older than {days} days.',
  'alarm-many-updates': 'Newer software has been there for {count} gateways for more than {days} days.',
  'alarm-many-installations': 'The last installation has failed on {count} gateways.',

  // What to do first.
  'alarm-do-link': 'Look at its power, then at its network link.',
  'alarm-do-password': 'Its logins are refused: rotate its password, and set the new one on the gateway.',
  'alarm-do-enable': 'Its logins are refused because it is disabled: enable it again if it is to connect.',
  'alarm-do-left':
    'It logged off by itself: ask whether somebody has switched it off or changed its MQTT settings.',
  'alarm-do-kicked':
    'Its session was ended from here: look into the audit log, and whether it can log in again.',
  'alarm-do-protocol': 'Its MQTT client misbehaves: look at its software version and at its MQTT settings.',
  'alarm-do-broker-log': 'Look whether the broker runs well, and into its log.',
  'alarm-do-ask': 'Look whether the gateway has power, and whether it reaches the broker.',
  'alarm-do-site': "Look at the site's power and uplink first: most of its gateways went at the same time.",
  'alarm-do-fleet': 'Look at what they share: the broker, its address and certificate, the carrier.',
  'alarm-do-flapping': 'Look at antenna and signal, at cable and power, and at its keepalive.',
  'alarm-do-never-seen':
    'Look whether the gateway has got its MQTT settings; retire it if it is not to come.',
  'alarm-do-refused':
    'Look whether the gateway has its present password; else somebody at this address tries its client id.',
  'alarm-do-id-twice': 'Find the gateway at the other address, and give it a client id of its own.',
  'alarm-do-clock': 'Turn on NTP on the gateway: it refuses commands while its clock is wrong.',
  'alarm-do-disk': 'Delete logs and old packages on the gateway, or move its store-and-forward buffer.',
  'alarm-do-certificate': 'Renew it before it ends: after that nobody can connect who checks it.',
  'alarm-do-credential': 'Rotate its password.',
  'alarm-do-update': 'Look at what is new, and install it by a job.',
  'alarm-do-installation': 'Look at what the gateway says, and install again.',
  'alarm-do-job-failed': 'Look at the gateways that failed, and try them again.',
  'alarm-do-job-paused': 'Look at why it was paused, and resume or cancel it.',
  'alarm-do-broker': 'Look whether the broker runs, and whether its address and its login are still right.',
  'alarm-do-database': 'Look into the log of the database, and at its disk and its network.',
  'alarm-do-instance': 'Look whether Node-RED runs there, and whether it reaches the database.',
});
