-- Token bucket.  Takes `cost` tokens when there are so many.
-- KEYS bucket   ARGV tokens_per_s, burst, cost
-- Returns 0, or after how many ms there will be enough
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local per_s, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at_ms')
local tokens = tonumber(stored[1] or burst)
local at_ms = tonumber(stored[2] or now_ms)
tokens = math.min(burst, tokens + math.max(0, now_ms - at_ms) * per_s / 1000)
local wait_ms = 0
if tokens >= cost then
  tokens = tokens - cost
else
  wait_ms = math.ceil((cost - tokens) * 1000 / per_s)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at_ms', now_ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst * 1000 / per_s) + 1000)
return wait_ms
