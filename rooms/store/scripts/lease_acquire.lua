-- Take the lease of a room when it is free or this node's own, under an epoch that was never given before.
-- KEYS lease, epoch   ARGV node, lease_ms, above_epoch, epoch_kept_ms
-- Returns {epoch} or {0, holder}
local held = redis.call('GET', KEYS[1])
if held then
  local holder = string.match(held, '^%d+ (.*)$')
  if holder ~= ARGV[1] then
    return {0, holder}
  end
end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local epoch = math.max(last, tonumber(ARGV[3])) + 1
redis.call('SET', KEYS[2], epoch, 'PX', ARGV[4])
redis.call('SET', KEYS[1], epoch .. ' ' .. ARGV[1], 'PX', ARGV[2])
return {epoch}
