-- Write a room's state and summary if the writer's epoch is the latest that was given.  Equal, not "not lower": after the
-- store lost its data the counter starts again, and an old holder must not look newer than a new one.
-- KEYS epoch, snapshot, summary   ARGV epoch, snapshot, snapshot_kept_ms, summary, summary_kept_ms
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
return 1
