#!/usr/bin/busybox sh
# Makes this machine the instance that the metadata service says it is: name, key, host key, ssh, user-data; then says
# TINY-READY on the console. State of the instance lies in /var/lib/tiny; another instance id begins it anew.
#
# The kernel's command line may name another metadata service: tiny.metadata=ADDRESS:PORT.
export PATH=/usr/sbin:/usr/bin
STATE=/var/lib/tiny
CONSOLE=/dev/console

address=169.254.169.254
port=80
for word in $(cat /proc/cmdline); do
    case $word in
        tiny.metadata=*)
            address=${word#tiny.metadata=}
            port=${address#*:}
            address=${address%:*}
            ;;
    esac
done

say() {
    echo "$*" >$CONSOLE
}

# http METHOD PATH [HEADER]: writes the body to its output; fails unless the status is 200.
# Plain HTTP/1.0 through nc, whose input is held open until the answer is whole: some servers take its end for a hang-up.
# The head is read by the shell itself: where each instruction is translated, a process more is a tenth of a second.
http() (
    trap '' PIPE
    [ -p /run/request ] || mkfifo /run/request
    nc -w 5 "$address" "$port" </run/request >/run/answer 2>/dev/null &
    exec 3>/run/request
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\nContent-Length: 0\r\n%s\r\n' \
        "$1" "$2" "$address" "${3:+$3$cr$lf}" >&3 2>/dev/null
    wait $!
    exec 3>&- </run/answer
    read -r version status reason
    [ "${status%"$cr"}" = 200 ] || exit 1
    while read -r header && [ -n "${header%"$cr"}" ]; do
        :
    done
    exec cat
)
cr=$(printf '\r')
lf='
'

token=
get() {
    http GET "/latest/$1" ${token:+"X-aws-ec2-metadata-token: $token"}
}

find_instance() {
    tries=0
    while [ $tries -lt 60 ]; do
        # Version 2 of the service wants a token; one that knows only version 1 refuses to give any.
        token=$(http PUT /latest/api/token "X-aws-ec2-metadata-token-ttl-seconds: 21600")
        id=$(get meta-data/instance-id) && [ -n "$id" ] && return 0
        tries=$((tries + 1))
        sleep 1
    done
    return 1
}

network() {
    ip link show eth0 >/dev/null 2>&1 || return 1
    udhcpc -i eth0 -s /etc/tiny/dhcp -O staticroutes -O mtu -t 15 -T 1 -A 2 -b >/dev/null 2>&1
}

authorize_keys() {
    mkdir -p /root/.ssh
    chmod 700 /root /root/.ssh
    : >/root/.ssh/authorized_keys
    # The list is lines of number=name; names may hold anything, numbers are what is asked by.
    get meta-data/public-keys/ >/run/keys
    while IFS='=' read -r number name || [ -n "$number" ]; do
        get "meta-data/public-keys/$number/openssh-key" >>/root/.ssh/authorized_keys
        echo >>/root/.ssh/authorized_keys
    done </run/keys
    chmod 600 /root/.ssh/authorized_keys
}

host_key() {
    rm -f /etc/dropbear/ed25519
    dropbearkey -t ed25519 -f /etc/dropbear/ed25519 >/run/host-key 2>/dev/null
    while read -r type key comment; do
        [ "$type" = ssh-ed25519 ] || continue
        say "-----BEGIN SSH HOST KEY KEYS-----"
        say "$type $key root@tiny"
        say "-----END SSH HOST KEY KEYS-----"
    done </run/host-key
}

user_data() {
    get user-data >"$STATE/user-data" || return 0
    read -r first <"$STATE/user-data"
    case $first in
        '#!'*)
            chmod 700 "$STATE/user-data"
            (cd / && HOME=/root "$STATE/user-data" 2>&1 </dev/null) | tee /var/log/user-data.log >$CONSOLE
            ;;
    esac
}

umask 022
mkdir -p $STATE
[ ! -s /etc/hostname ] || hostname -F /etc/hostname
id=none
if network && find_instance; then
    if [ "$(cat $STATE/instance-id 2>/dev/null)" != "$id" ]; then
        # Only for an instance that was not seen before: what its user changes later stays.
        fresh=yes
        name=$(get meta-data/local-hostname) && [ -n "$name" ] || name=$id
        echo "${name%%.*}" >/etc/hostname
        hostname "${name%%.*}"
        printf '127.0.0.1 localhost\n127.0.1.1 %s %s\n' "$name" "${name%%.*}" >/etc/hosts
        authorize_keys
        host_key
    fi
else
    id=none
fi
[ -s /etc/dropbear/ed25519 ] || host_key
# -s: no passwords. Every login here is by key.
dropbear -s -r /etc/dropbear/ed25519
if [ -n "$fresh" ]; then
    # Before it is run: user-data that crashes the machine is not to do so at every boot.
    echo "$id" >$STATE/instance-id
    sync
    user_data
fi
keys=$(grep -c '^[^#]' /root/.ssh/authorized_keys 2>/dev/null)
read -r uptime idle </proc/uptime
say "TINY-READY id=$id keys=${keys:-0} uptime=$uptime"
