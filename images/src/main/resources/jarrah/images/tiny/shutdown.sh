#!/usr/bin/busybox sh
export PATH=/usr/sbin:/usr/bin
sync
umount -a -r 2>/dev/null
