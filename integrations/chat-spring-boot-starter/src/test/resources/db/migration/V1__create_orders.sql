create table orders (item varchar(80) not null);
