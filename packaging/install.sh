#!/bin/sh
# Installs mailserv from the unpacked tar.gz: /opt/mailserv, the user mailserv, /etc/mailserv, and a systemd unit. Run as root; again to upgrade.
set -e
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=${DESTDIR:-}
[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "install.sh: run it as root" >&2; exit 77; }
if [ -z "$root" ] && ! id mailserv >/dev/null 2>&1; then
  useradd --system --user-group --home-dir /var/lib/mailserv --shell /usr/sbin/nologin mailserv
fi
mkdir -p "$root/opt/mailserv" "$root/etc/mailserv" "$root/usr/local/bin" "$root/etc/systemd/system"
# A running server keeps its files open: they are replaced, not overwritten. The cache of the Java runtime fits only with the times of files.
rm -rf "$root/opt/mailserv/lib" "$root/opt/mailserv/jre"
for part in bin lib share jre; do
  [ ! -d "$here/$part" ] || cp -rp "$here/$part" "$root/opt/mailserv/"
done
[ "$(id -u)" != 0 ] || chown -R 0:0 "$root/opt/mailserv"
ln -sf /opt/mailserv/bin/mailserv "$root/usr/local/bin/mailserv"
# Programs such as cron call these; those of another mail server stay.
mkdir -p "$root/usr/sbin" "$root/usr/bin"
for link in usr/sbin/sendmail usr/bin/mailq usr/bin/newaliases; do
  [ -e "$root/$link" ] || [ -L "$root/$link" ] || ln -s /opt/mailserv/bin/mailserv "$root/$link"
done
cp "$here/share/mailserv.service" "$root/etc/systemd/system/mailserv.service"
# A file that was changed stays.
if [ ! -e "$root/etc/logrotate.d/mailserv" ]; then
  mkdir -p "$root/etc/logrotate.d"
  install -m 644 "$here/share/mailserv.logrotate" "$root/etc/logrotate.d/mailserv"
fi
# Manual pages and completion of commands, where programs look for them.
mkdir -p "$root/usr/local/share/man/man1" "$root/usr/local/share/bash-completion/completions" "$root/usr/local/share/zsh/site-functions"
cp "$here"/share/man/man1/mailserv*.1.gz "$root/usr/local/share/man/man1/"
cp "$here/share/completion/mailserv.bash" "$root/usr/local/share/bash-completion/completions/mailserv"
cp "$here/share/completion/_mailserv" "$root/usr/local/share/zsh/site-functions/_mailserv"
if [ -z "$root" ]; then
  install -d -m 700 -o mailserv -g mailserv /var/lib/mailserv
  # Every user may drop mail here, and only the server may see it (pickup.shared). The service may not set these modes itself.
  install -d -m 3733 -o mailserv -g mailserv /var/spool/mailserv
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if systemctl is-active --quiet mailserv; then systemctl restart mailserv; fi
  fi
fi
if [ ! -f "$root/etc/mailserv/mailserv.conf" ]; then
  echo "Next: mailserv -c /etc/mailserv/mailserv.conf init    (host name, domains, first account; prints the DNS records)"
fi
echo "Then: mailserv -c /etc/mailserv/mailserv.conf check-config && systemctl enable --now mailserv"
