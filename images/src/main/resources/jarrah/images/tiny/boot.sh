#!/usr/bin/busybox sh
# Makes the machine whole: file systems, and drivers where there was no ramdisk to load them.
export PATH=/usr/sbin:/usr/bin
[ -e /proc/mounts ] || mount -t proc proc /proc
[ -e /sys/class ] || mount -t sysfs sys /sys
[ -e /dev/null ] || mount -t devtmpfs dev /dev
mount -o remount,rw /
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o mode=0755 run /run
while read -r module; do
    [ -e "/sys/module/${module%.ko}" ] || insmod "/usr/lib/tiny/modules/$module" 2>/dev/null
done </usr/lib/tiny/modules/order
ip link set lo up
