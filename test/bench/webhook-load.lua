-- What wrk posts: the bodies of webhook-bodies.ts, in the same order. Behind the URL come the secret, the number of the first gateway, how
-- many there are, and the first turn. One thread only: each thread would have a counter of its own.

local head, first, count, turn
local connected_at = {}
-- wrk looks at one request before it sends any.
local calls = -1

function init(args)
  local secret = args[1]
  first, count, turn = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] ..
    "\r\nContent-Type: application/json\r\nAuthorization: Bearer " .. secret .. "\r\nContent-Length: "
end

local CONNECTED = '{"username":"%s","timestamp":%.0f,"sockname":"127.0.0.1:1883","receive_maximum":32,"proto_ver":4,' ..
  '"proto_name":"MQTT","peername":"10.0.0.9:43578","node":"emqx@127.0.0.1","mountpoint":"undefined",' ..
  '"metadata":{"rule_id":"tpedm"},"keepalive":60,"is_bridge":false,"expiry_interval":0,"event":"client.connected",' ..
  '"connected_at":%.0f,"conn_props":{"User-Property":{}},"clientid":"%s","client_attrs":{},"clean_start":true}'
local DISCONNECTED = '{"username":"%s","timestamp":%.0f,"sockname":"127.0.0.1:1883","reason":"normal","proto_ver":4,' ..
  '"proto_name":"MQTT","peername":"10.0.0.9:43578","node":"emqx@127.0.0.1","metadata":{"rule_id":"tpedm"},' ..
  '"event":"client.disconnected","disconnected_at":%.0f,"disconn_props":{"User-Property":{}},"connected_at":%.0f,' ..
  '"clientid":"%s","client_attrs":{}}'

function request()
  local number = math.max(calls, 0)
  calls = calls + 1
  local index = number % count
  local turns = math.floor(number / count)
  local at = os.time() * 1000 + turn + turns
  local clientid = "gw-" .. (1 + first + index)
  local body
  if turns % 2 == 0 then
    body = DISCONNECTED:format(clientid, at, at, connected_at[index] or at - 1, clientid)
  else
    connected_at[index] = at
    body = CONNECTED:format(clientid, at, at, clientid)
  end
  return head .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"seconds":%.6f,"answers":%d,"failed":%d,"notTaken":%d,"p99":%.3f,"slowest":%.3f}\n',
    summary.duration / 1e6, summary.requests, failed, errors.status, latency:percentile(99) / 1000, latency.max / 1000))
end
