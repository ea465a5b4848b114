-- Take the lease of a room when it is free or this node's own, under an epoch that was never given before.
-- KEYS lease, holder   ARGV node, lease_ms, above_epoch, holder_kept_ms
-- Returns {epoch} or {0, node that has it}
local held = redis.call('GET', KEYS[1])
if held then
  local node = string.match(held, '^%d+ (.*)$')
  if node ~= ARGV[1] then
    return {0, node}
  end
end
local last = string.match(redis.call('GET', KEYS[2]) or '0', '^%d+')
local epoch = math.max(tonumber(last), tonumber(ARGV[3])) + 1
local taken = string.format('%d %s', epoch, ARGV[1])
redis.call('SET', KEYS[2], taken, 'PX', ARGV[4])
redis.call('SET', KEYS[1], taken, 'PX', ARGV[2])
return {epoch}
