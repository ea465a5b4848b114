-- Prolong a lease, its epoch and the room's summary.  An epoch that the store knows to be outdone counts as taken even when
-- the later lease has run out again.
-- KEYS lease, epoch, summary   ARGV node, epoch, lease_ms, epoch_kept_ms, summary_kept_ms
-- Returns 'held', 'free' or 'taken'
local held = redis.call('GET', KEYS[1])
if not held then
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  if last > tonumber(ARGV[2]) then
    return 'taken'
  end
  return 'free'
end
if held ~= ARGV[2] .. ' ' .. ARGV[1] then
  return 'taken'
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
return 'held'
