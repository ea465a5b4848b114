-- Give a lease back, unless somebody else has it by now.  The epoch stays, so that the next one is higher.
-- KEYS lease, summary   ARGV node, epoch
if redis.call('GET', KEYS[1]) == ARGV[2] .. ' ' .. ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[2])
  return 1
end
return 0
