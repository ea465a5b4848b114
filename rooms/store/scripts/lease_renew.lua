-- Prolong a lease and the room's summary.  Whoever was outdone by another holder has lost, even when that one's lease has run
-- out again.
-- KEYS lease, holder, summary   ARGV node, epoch, lease_ms, holder_kept_ms, summary_kept_ms
-- Returns 'held', 'free' or 'taken'
local mine = ARGV[2] .. ' ' .. ARGV[1]
local held = redis.call('GET', KEYS[1])
if held == mine then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
  return 'held'
end
local last = redis.call('GET', KEYS[2])
if held or (last and last ~= mine) then
  return 'taken'
end
return 'free'
