-- Write a room's state and summary if the writer is the last who was given the room.  Epoch and node must both be the same:
-- after the store lost its data the epochs begin again at 1, and an old holder must not pass for a new one.
-- KEYS holder, snapshot, summary   ARGV node, epoch, snapshot, snapshot_kept_ms, summary, summary_kept_ms
if redis.call('GET', KEYS[1]) ~= ARGV[2] .. ' ' .. ARGV[1] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
redis.call('SET', KEYS[3], ARGV[5], 'PX', ARGV[6])
return 1
